// The duty sheet of a day: printed.
document.querySelector("[data-print]").addEventListener("click", () => print());

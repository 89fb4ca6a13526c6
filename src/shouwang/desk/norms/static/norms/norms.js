// Prints the page that is shown.
document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });

// The button that prints: pages carry no inline script.
document.getElementById("print")?.addEventListener("click", () => print());

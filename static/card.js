// The card to join by: prints itself at a press.

document.querySelector("[data-print]").addEventListener("click", () => print());

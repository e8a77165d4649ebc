// On every page. Before the first paint: says that scripts run, and applies the theme that was chosen here
// before. Then: the theme button, and a menu that closes when one is done with it.
(() => {
  const root = document.documentElement;
  const names = ["light", "dark", "projector"];
  const auto = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const remember = (theme) => {
    try {
      if (theme) localStorage.setItem("theme", theme);
      return localStorage.getItem("theme");
    } catch {
      return theme; // storage may be switched off: the choice then lasts for this page
    }
  };
  root.dataset.js = "";
  const chosen = remember();
  if (names.includes(chosen) && !("onWall" in root.dataset)) root.dataset.theme = chosen;
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-button]");
    const name = () => {
      const theme = root.dataset.theme || auto();
      const title = theme[0].toUpperCase() + theme.slice(1);
      button.lastElementChild.textContent = title;
      button.setAttribute("aria-label", `Theme: ${title}. Change it`);
      return theme;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = names[(names.indexOf(name()) + 1) % 3];
      remember(root.dataset.theme);
      name();
    });
    name();
    for (const each of document.querySelectorAll("[data-menu], [data-playback]")) menu(each);
  });

  // Escape closes the menu and gives the focus back; so does a press, or the focus, anywhere else, without.
  function menu(details) {
    const close = ({ target }) => details.contains(target) || details.removeAttribute("open");
    addEventListener("pointerdown", close);
    addEventListener("focusin", close);
    details.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || !details.open) return;
      details.open = false;
      details.firstElementChild.focus();
    });
  }
})();

// A classic script of its own, run before the first paint: no flash, and no inline script.
(function () {
  let wanted = null;
  try {
    wanted = localStorage.getItem("zerorace-theme");
  } catch {
    // Without storage the system decides.
  }
  const dark =
    wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();

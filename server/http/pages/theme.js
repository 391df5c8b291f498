// A classic script, run before the first paint: the theme that was chosen in the console holds here, too.
(() => {
  try {
    const wanted = localStorage.getItem("zerorace-theme");
    if (wanted === "dark" || wanted === "light") document.documentElement.dataset.theme = wanted;
  } catch {
    // Without storage the system decides.
  }
})();

/* The theme keeps light and dark as a class; our tokens read an attribute. This keeps the two alike. */
(function () {
  "use strict";
  var root = document.documentElement;
  function mirror() {
    var wanted = root.classList.contains("dark") ? "dark" : "light";
    if (root.dataset.bsTheme !== wanted) root.dataset.bsTheme = wanted;
  }
  new MutationObserver(mirror).observe(root, { attributes: true, attributeFilter: ["class"] });
  mirror();
})();

// A button that copies the link; without it the link can be selected by hand.
(() => {
  "use strict";
  const link = document.getElementById("link");
  const copy = document.getElementById("copy");
  link.addEventListener("focus", () => link.select());
  if (!navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.value);
    copy.textContent = copy.dataset.done;
  });
})();

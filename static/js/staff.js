/* Staff pages: theme, keys, toasts. Every page works without this file.
   A key is bound where it is shown: <a data-key="c">, <button data-key="1">. */
(function () {
  "use strict";
  var root = document.documentElement;

  /* theme: kept in a cookie, so that the server draws the right one and nothing flashes */
  function dark() {
    var theme = root.dataset.bsTheme;
    return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }
  document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.bsTheme = dark() ? "light" : "dark";
      document.cookie = "theme=" + root.dataset.bsTheme + ";path=/;max-age=31536000;samesite=lax";
    });
  });

  document.querySelectorAll("[data-keys-toggle]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset.keys = root.dataset.keys === "off" ? "on" : "off";
      document.cookie = "keys=" + root.dataset.keys + ";path=/;max-age=31536000;samesite=lax";
    });
  });

  function typing(target) {
    return target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  }
  /* what lies in a closed sheet still has boxes, so ask for visibility, not for boxes */
  function visible(element) { return element.checkVisibility() && element.getClientRects().length > 0; }
  function press(element) {
    if (element.matches("summary")) {
      element.click();
      var fields = element.parentElement.querySelectorAll("textarea, select, input:not([type=hidden])");
      (Array.prototype.filter.call(fields, visible)[0] || element).focus();
      return;
    }
    if (element.matches("input, textarea, select")) { element.focus(); return; }
    element.click();
  }
  /* the sheet that is open owns the keys; then what has the focus; then the page */
  function bound(key) {
    var selector = '[data-key="' + CSS.escape(key) + '"]';
    var sheet = document.querySelector("details.drop[open] > .sheet");
    var here = document.activeElement && document.activeElement.closest("form, .panel");
    var found = null;
    [sheet, here, document].some(function (scope) {
      found = scope && Array.prototype.filter.call(scope.querySelectorAll(selector), visible)[0];
      return found;
    });
    return found;
  }
  function rows() { return Array.prototype.filter.call(document.querySelectorAll("[data-row]"), visible); }
  function step(by) {
    var list = rows(), at = list.indexOf(document.activeElement);
    var next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }
  function closeSheets() {
    document.querySelectorAll("details.drop[open]").forEach(function (box) {
      box.open = false;
      box.querySelector("summary").focus();
    });
  }

  document.addEventListener("keydown", function (event) {
    var key = event.key, field = typing(event.target);
    if ((event.ctrlKey || event.metaKey) && key === "Enter" && event.target.form) {
      event.preventDefault(); event.target.form.requestSubmit(); return;
    }
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") {
      event.preventDefault(); document.querySelector("[data-search]").focus(); return;
    }
    if (key === "Escape") { if (field) { event.target.blur(); } closeSheets(); return; }
    if (field || event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off") { return; }
    if (key === "j" || key === "k") { event.preventDefault(); step(key === "j" ? 1 : -1); return; }
    if (key === "o" && document.activeElement.matches("[data-row]")) { document.activeElement.click(); return; }
    var element = bound(key);
    if (element) { event.preventDefault(); press(element); }
  });

  /* a click elsewhere closes an open sheet, as in every menu */
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.drop[open]").forEach(function (box) {
      if (!box.contains(event.target)) { box.open = false; }
    });
    var close = event.target.closest("[data-dismiss]");
    if (close) { close.closest(".toastmsg").remove(); }
  });
})();

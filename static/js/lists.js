/* Rows with ticks: all at once, and how many. The page works without this file. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-ticks]").forEach(function (form) {
    var all = form.querySelector("[data-tick-all]"), said = form.querySelector("[data-tick-count]");
    if (!all) { return; }
    var words = said.textContent, rows = form.querySelectorAll("input[name=row]");
    function count() {
      var ticked = form.querySelectorAll("input[name=row]:checked").length;
      said.textContent = ticked ? words.replace(/:$/, " (" + ticked + "):") : words;
      all.checked = ticked > 0 && ticked === rows.length;
      all.indeterminate = ticked > 0 && ticked < rows.length;
    }
    all.hidden = false;
    all.addEventListener("change", function () {
      rows.forEach(function (row) { row.checked = all.checked; });
      count();
    });
    form.addEventListener("change", count);
    count();
  });
})();

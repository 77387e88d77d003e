// Keeps the page as the journal has it. Everything it shows can be read without it.
(() => {
  "use strict";
  const link = document.getElementById("link");
  const say = (text, lost) => {
    link.textContent = text;
    link.classList.toggle("lost", lost);
  };
  let lost = false;
  const news = new EventSource("/api/v1/changes");
  const changed = () => document.body.dispatchEvent(new Event("journal"));
  news.addEventListener("open", () => {
    say("live", false);
    // What happened while nobody listened is in what is read now.
    if (lost) changed();
    lost = false;
  });
  news.addEventListener("error", () => {
    lost = true;
    say("not connected; trying again", true);
  });
  news.addEventListener("journal", changed);
  // The focus stays where it was when the page is brought up to date.
  let focused = null;
  document.body.addEventListener("htmx:beforeSwap", () => {
    focused = document.activeElement && document.activeElement.getAttribute("href");
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (!focused) return;
    const again = document.querySelector(`#live a[href="${CSS.escape(focused)}"]`);
    if (again) again.focus({ preventScroll: true });
  });
})();

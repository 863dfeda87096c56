// The workplace menu stands open beside the page on a desk and is folded above it on a phone.
export default function sideMenu(details) {
  const wide = window.matchMedia("(width >= 62rem)");
  const fit = () => { details.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
}

// Signing out leaves nothing typed behind in a browser that others use too.
export default function forget(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith("gongzhi.kept:")) localStorage.removeItem(key);
    } catch {
      // A browser that lets nothing be kept has nothing to forget.
    }
  });
}

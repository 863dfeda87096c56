// The summary of errors is what a person must hear and see first.
export default function autofocus(element) {
  element.focus();
}

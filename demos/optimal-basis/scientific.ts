// Numbers over many orders of magnitude, as they are written on paper: 3.61 × 10⁻⁴.
const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "-": "⁻", "+": "", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹",
};

function superscript(exponent: string): string {
  return [...exponent].map((sign) => SUPERSCRIPTS[sign]).join("");
}

export function scientific(value: number, digits: number): string {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  return `${mantissa} × 10${superscript(exponent)}`;
}

/** "10⁻⁴"; the value is a power of ten. */
export function powerOfTen(value: number): string {
  return `10${superscript(String(Math.round(Math.log10(value))))}`;
}

import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.js";
import { atomicNumberOf, colorOf, covalentRadiusOf, LAST_ELEMENT, massOf, symbolOf } from "../../../src/structure/elements.js";

const ALL = Array.from({ length: LAST_ELEMENT }, (_, index) => index + 1);

/** Linear RGB as seen with deuteranopia or protanopia (Viénot, Brettel and Mollon 1999, via the cone responses L, M, S). */
function seenWithout(cone: "L" | "M", color: string): number[] {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
  let l = 17.8824 * r + 43.5161 * g + 4.11935 * b;
  let m = 3.45565 * r + 27.1554 * g + 3.86714 * b;
  const s = 0.0299566 * r + 0.184309 * g + 1.46709 * b;
  if (cone === "L") l = 2.02344 * m - 2.52581 * s;
  else m = 0.494207 * l + 1.24827 * s;
  return [0.0809444479 * l - 0.130504409 * m + 0.116721066 * s, -0.0102485335 * l + 0.0540193266 * m - 0.113614708 * s,
    -0.000365296938 * l - 0.00412161469 * m + 0.693511405 * s];
}

describe("elements", () => {
  test("symbols and atomic numbers are one list, H to Og", () => {
    expect(LAST_ELEMENT).toBe(118);
    // Noble gases close the periods, so a lost or doubled symbol shifts them.
    expect([2, 10, 18, 36, 54, 86, 118].map(symbolOf)).toEqual(["He", "Ne", "Ar", "Kr", "Xe", "Rn", "Og"]);
    expect([1, 6, 14, 26, 47, 58, 71, 79, 92, 103].map(symbolOf)).toEqual(["H", "C", "Si", "Fe", "Ag", "Ce", "Lu", "Au", "U", "Lr"]);
    for (const z of ALL) expect(atomicNumberOf(symbolOf(z))).toBe(z);
    expect(new Set(ALL.map(symbolOf)).size).toBe(118);
  });

  test("symbols are found in any capitalization, and nothing else is", () => {
    expect(["SI", "si", "sI", "h", "CL"].map(atomicNumberOf)).toEqual([14, 14, 14, 1, 17]);
    expect(["", "X", "Xx", "D", "Si1", "14", "constructor"].map(atomicNumberOf)).toEqual(Array(7).fill(undefined));
  });

  test("an impossible atomic number is refused by name", () => {
    for (const z of [0, -1, 119, 1.5, NaN]) {
      expect(() => symbolOf(z)).toThrow(InputError);
      expect(() => massOf(z)).toThrow(`got ${z}`);
      expect(() => covalentRadiusOf(z)).toThrow(InputError);
      expect(() => colorOf(z)).toThrow(InputError);
    }
  });

  test("masses rise with the atomic number but for the known inversions", () => {
    const falls = ALL.slice(1, 103).filter((z) => massOf(z) < massOf(z - 1)).map(symbolOf);
    // Mendeleev's inversions Ar–K, Co–Ni, Te–I, and those of radioactive elements whose longest-lived isotope is lighter (Th–Pa, U–Np, Pu–Am).
    expect(falls).toEqual(["K", "Ni", "I", "Pa", "Np", "Am"]);
    // M/Z lies between hydrogen's 1 and 2.62.
    for (const z of ALL.slice(1)) expect(massOf(z) / z > 1.95 && massOf(z) / z < 2.65).toBe(true);
    // Molar mass of water, silica and ethanol, g/mol, from chemistry handbooks.
    expect(2 * massOf(1) + massOf(8)).toBeCloseTo(18.015, 3);
    expect(massOf(14) + 2 * massOf(8)).toBeCloseTo(60.083, 2);
    expect(2 * massOf(6) + 6 * massOf(1) + massOf(8)).toBeCloseTo(46.069, 3);
  });

  test("covalent radii give the bond lengths of diamond, silicon, methane and water", () => {
    expect(2 * covalentRadiusOf(6)).toBeCloseTo(1.54, 1);
    expect(Math.abs(2 * covalentRadiusOf(14) - 2.352) < 0.15).toBe(true);
    expect(Math.abs(covalentRadiusOf(6) + covalentRadiusOf(1) - 1.09) < 0.05).toBe(true);
    expect(Math.abs(covalentRadiusOf(8) + covalentRadiusOf(1) - 0.96) < 0.05).toBe(true);
    // Radii fall along a period from the alkali metal on.
    for (const [alkali, noble] of [[3, 10], [11, 18], [19, 36], [37, 54], [55, 86]] as const) {
      expect(covalentRadiusOf(alkali) > 1.5 * covalentRadiusOf(noble)).toBe(true);
    }
    for (const z of ALL) expect(covalentRadiusOf(z) > 0.25 && covalentRadiusOf(z) < 2.7).toBe(true);
  });

  test("every element has a color, and those that meet in one picture differ for color-blind eyes too", () => {
    for (const z of ALL) expect(colorOf(z)).toMatch(/^#[0-9a-f]{6}$/);
    const organic = ["H", "C", "N", "O", "F", "Si", "P", "S", "Cl"].map((symbol) => colorOf(atomicNumberOf(symbol)!));
    for (const cone of ["L", "M"] as const) {
      const seen = organic.map((color) => seenWithout(cone, color).map((value) => Math.max(0, value) ** (1 / 2.2)));
      seen.forEach((a, i) => seen.slice(0, i).forEach((b, j) => {
        const distance = Math.hypot(...a.map((value, channel) => value - b[channel]!));
        expect(distance, `${organic[i]} and ${organic[j]} without ${cone} cones`).toBeGreaterThan(0.1);
      }));
    }
  });
});

import { describe, expect, it } from "vitest";
import { defaultFitConfiguration } from "../../../src/training/configuration.js";
import { parseFitConfiguration, parseHyperparameters } from "../../../src/training/configuration-schema.js";
import { formatConfiguration, parseConfigurationText } from "../../../src/training/configuration-text.js";

const table = { step: 1.25, functions: [[1, 1, 1, 1, 1], [0, 1, 2, 3, 4]] };

describe("basis of a configuration", () => {
  it.each(["shifted-gaussians", "chebyshev", "laplacian-eigenstates", "polynomial"])("may be %s", (kind) => {
    expect(parseHyperparameters({ basis: { kind } }).basis).toEqual({ ...defaultFitConfiguration.basis, kind });
  });

  it("may be a table, which survives the text of a configuration", () => {
    const configuration = parseFitConfiguration({ basis: { kind: "table", nMax: 2, table } });
    expect(configuration.basis.table).toEqual(table);
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration(configuration)))).toEqual(configuration);
  });

  it("has no table by default, in the text neither", () => {
    expect(formatConfiguration()).not.toContain("table\":");
    expect(parseFitConfiguration(parseConfigurationText(formatConfiguration()))).toEqual(defaultFitConfiguration);
  });

  it.each([
    [{ kind: "table", nMax: 2 }, /"basis\.table"/],
    [{ table }, /"basis\.table"/],
    [{ kind: "table", nMax: 2, table: { step: 1.25 } }, /"basis\.table\.functions": missing/],
    [{ kind: "table", nMax: 2, table: { ...table, functions: [[1, "2"]] } }, /"basis\.table\.functions/],
    [{ kind: "table", nMax: 2, table: { ...table, functions: [] } }, /a function at least/],
    [{ kind: "table", nMax: 2, table: { ...table, steps: 1 } }, /unknown key "basis\.table\.steps": did you mean "basis\.table\.step"/],
    [{ kind: "spline" }, /"shifted-gaussians"/],
    [{ nMax: [3] }, /"basis\.nMax": no value of a configuration is a list/],
  ])("refuses %j", (basis, message) => {
    expect(() => parseFitConfiguration({ basis })).toThrow(message);
  });
});

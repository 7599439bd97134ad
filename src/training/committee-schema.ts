// The part of a configuration that asks for a committee; see committee.ts for what is done with it.
import * as v from "valibot";
import { group, number, wholeNumber } from "./hyperparameter-schema.js";

const members = "a whole number from 2 to 64";
const fraction = "a number above 0, up to 1, or null for a bootstrap";

export const committeeEntry = v.pipe(
  v.nullable(group("", {
    members: v.optional(wholeNumber("Fits.", members, 2, 64), 8),
    fraction: v.optional(v.nullable(number("", fraction, (value) => value > 0 && value <= 1)), 0.5),
    seed: v.optional(wholeNumber("Seed of the subsets.", "a whole number, 0 or more", 0), 1),
  })),
  v.description(
    "Uncertainties by a committee of fits to random subsets of the structures, Eqs. (75) to (80), or null: { \"members\": 8 }. " +
    "Each subset has the share \"fraction\" of the structures (0.5, in steps of 1/members), or as many as there are, drawn with replacement, where it is null. \"seed\" draws others.",
  ),
);

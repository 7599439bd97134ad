// What a plan is made from: small, checkable and the same for every worker, wherever it runs. The tables themselves are made from it.
import type { Hyperparameters } from "../../features/hyperparameters.js";
import { collapsed } from "../../kernel/linear-term.js";
import { spreadCenters } from "../../kernel/spread.js";
import type { Potential } from "../../model/potential.js";
import type { CenterProjection, FitTerm } from "../backend.js";
import { fitFactors } from "../collect-fit.js";
import { kernelTerms, pairSums } from "../pair-terms.js";
import { createFeaturePlan, type KernelPlan, type Plan, type TermPlan } from "./plan.js";

export type PlanRecipe =
  /** For coefficients, covariances, features and their adjoints. */
  | { readonly kind: "features"; readonly hyperparameters: Hyperparameters; readonly species: readonly number[] }
  | {
      readonly kind: "components";
      readonly hyperparameters: Hyperparameters;
      readonly species: readonly number[];
      readonly centers: readonly CenterProjection[];
    }
  /** For the rows of a fit. */
  | { readonly kind: "fit"; readonly species: readonly number[]; readonly terms: readonly FitTerm[] }
  /** For predictions. */
  | { readonly kind: "potential"; readonly potential: Potential };

const NONE = new Float64Array(0);

/** Makes the tables, which costs tens of milliseconds. @throws InputError on hyperparameters or a core out of range. */
export function planOf(recipe: PlanRecipe): Plan {
  switch (recipe.kind) {
    case "features":
      return { terms: [{ features: createFeaturePlan(recipe.hyperparameters, recipe.species) }] };
    case "components": {
      const { hyperparameters, species, centers } = recipe;
      const kernel: KernelPlan = { zeta: 1, centers: centers.map((center) => ({ ...center, sparsePoints: NONE, weights: NONE })) };
      return { terms: [{ features: createFeaturePlan(hyperparameters, species), kernel }] };
    }
    case "fit":
      return { terms: recipe.terms.map((term) => fitTermPlan(recipe.species, term)), factors: fitFactors(recipe.terms) };
    case "potential": {
      const { potential } = recipe;
      return {
        pairs: pairSums(potential),
        terms: kernelTerms(potential).map(({ hyperparameters, zeta, centers }) => ({
          features: createFeaturePlan(hyperparameters, potential.species),
          kernel: { zeta, centers: potential.committee ? spreadCenters(centers, zeta, potential.committee.members) : collapsed(centers, zeta) },
        })),
      };
    }
  }
}

function fitTermPlan(species: readonly number[], { hyperparameters, zeta, centers }: FitTerm): TermPlan {
  const kernel: KernelPlan = {
    zeta,
    centers: centers.map(({ species: z, projection, size, sparsePoints }) => ({ species: z, projection, size, sparsePoints, weights: NONE })),
  };
  return { features: createFeaturePlan(hyperparameters, species), kernel };
}

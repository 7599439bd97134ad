/** Lather: machine learning for atoms. Equation numbers in the docs are those of THEORY.md. */
export { CapacityError, GpuError, InputError, NumericalError, type DataWarning, type ErrorDetails } from "./errors.js";
export { annotateStructure, createStructure, type AtomArray, type InfoValue, type LabeledStructure, type Labels, type Origin, type Structure, type StructureInput } from "./structure/structure.js";
export { formatExtxyz, parseExtxyz, readExtxyz } from "./structure/extxyz.js";
export type { FormatReadOptions } from "./formats/format.js";
export { formatToWrite, readAnyStructures } from "./formats/formats.js";
export { labelStructures, readLabels, type LabeledData } from "./structure/labels.js";
export { findLabelKeys, LabelSurvey, type LabelKeys, type LabelOverrides } from "./structure/label-survey.js";
export { describeLabels, type LabelCount, type LabelReport } from "./structure/label-report.js";
export { atomicNumberOf, colorOf, covalentRadiusOf, massOf, symbolOf } from "./structure/elements.js";
export { createNeighborList, type NeighborList } from "./structure/neighbor-list.js";
export type { Cutoff, Density, RadialBasis, RadialContraction, RadialScaling } from "./basis/hyperparameters.js";
export type { FeatureChoice, Hyperparameters } from "./features/hyperparameters.js";
export { featureLabels, type FeatureLabels } from "./features/feature-layout.js";
export { createRadialBasis, evaluateRadialBasis } from "./basis/radial-integrals.js";
export { createLinearAlgebra, type LinearAlgebra } from "./linalg/linear-algebra.js";
export {
  globalReconstructionDistortion, globalReconstructionError, localReconstructionError, subsetReconstructionError, trainTestSplit,
} from "./measures/reconstruction-error.js";
export { takeColumns, type FeatureMatrix } from "./measures/standardization.js";
export { primitiveResidualVariance, residualVariance, residualVarianceCurve } from "./measures/residual-variance.js";
export type { DensityCovariance } from "./basis/covariance.js";
export type {
  AdapterReport, Backend, CovarianceOptions, DensityCoefficients, Evaluator, Features, JobOptions, Prediction, PredictOptions, Progress, Uncertainty,
} from "./backend/backend.js";
export { findAdapter } from "./backend/gpu/device.js";
export { createBackend, type BackendKind, type BackendOptions } from "./backend/create-backend.js";
export { defaultFitConfiguration, type FitConfiguration } from "./training/configuration.js";
export { parseFitConfiguration, parseHyperparameters } from "./training/configuration-schema.js";
export { formatConfiguration, parseConfigurationText } from "./training/configuration-text.js";
export { withMultispectrum } from "./training/multispectrum.js";
export { createOptimalBasis, withOptimalBasis, type OptimalBasis, type OptimalBasisOptions } from "./training/optimal-basis.js";
export type { BasisTarget } from "./training/basis-target.js";
export { energyTarget, propertyTarget } from "./training/target-values.js";
export { createSupervisedBasis, type SupervisedBasis, type SupervisedBasisOptions } from "./training/supervised-basis.js";
export { createContractedFunctions } from "./basis/contracted-functions.js";
export { densityResiduals, environmentOf, rebuiltDensities, smearedDensity, type DensityGrid, type Environment } from "./basis/density-grid.js";
export { inspectData, inspectErrors, inspectTestData } from "./training/inspect-data.js";
export { fitPotential } from "./training/sparse-gpr.js";
export type { FitDiagnostics, FitResult } from "./training/fit-result.js";
export { errorReport, measureErrors, type ErrorReport, type ErrorStatistics } from "./training/measure-errors.js";
export { selectFeatures, type FeatureSelectionOptions } from "./training/select-features.js";
export { selectPoints, type SelectionMethod } from "./training/select-points.js";
export type { CalibratedScale, Calibration, Committee, Potential, Term } from "./model/potential.js";
export { memberPotential } from "./model/committee.js";
export { calibrateCommittee } from "./training/calibration.js";
export { formatModel, parseModel } from "./model/model-file.js";
export { formatPropertyModel, isPropertyModel, parsePropertyModel } from "./model/property-file.js";
export { propertySizes, type PropertyKind, type PropertyModel } from "./model/property-model.js";
export { readProperty, type PropertyData } from "./training/property-data.js";
export { fitProperty, type PropertyFit } from "./training/fit-property.js";
export { predictPropertyGradients } from "./training/property-gradients.js";
export { predictProperty, propertyErrors, type PropertyErrors } from "./training/predict-property.js";
export { formatNpz, parseNpz, type NpyArray } from "./model/npz.js";
export { latherVersion } from "./model/version.js";
export { createSimulation, type ResidentSimulation } from "./dynamics/create-simulation.js";
export { Simulation, type Barostat, type Ensemble, type Ramp, type RunOptions, type SimulationOptions, type Thermodynamics, type Thermostat } from "./dynamics/simulation.js";
export type { ForceEvaluation, ForceProvider, SimulationState } from "./dynamics/motion.js";
export { formatRestart, parseRestart, type Restart } from "./dynamics/restart-file.js";

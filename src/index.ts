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
export { symmetryFunctionG2, symmetryFunctionG3, symmetryFunctionG4, symmetryFunctionG5 } from "./projections/behler-parrinello.js";
export { clusterOfOne, clusterOfThree, clusterOfTwo, type AtomicBase } from "./projections/atomic-cluster-expansion.js";
export { momentPair, momentTriple, type SharedIndices } from "./projections/moment-tensors.js";
export { snapComponent, snapRadialFunctions, type SnapMapping } from "./projections/snap.js";
export { angleHistogram, distanceHistogram, type AngleHistogram, type DistanceHistogram } from "./projections/many-body-tensor.js";
export { deltaHyperparameters, type DeltaOptions, type NeighborFunction } from "./projections/neighbor-functions.js";
export {
  pairFunctionWeights, powerSpectrumWeights, radialSpectrumWeights, selfPairs, type PairFunction, type PairSum, type ProjectionWeights,
} from "./projections/spectrum-weights.js";
export { legendreSeries, type LegendreSeries } from "./projections/legendre.js";
export { bispectrumWeights, type Degrees, type TripleSum } from "./projections/bispectrum-weights.js";
export { createRadialBasis, evaluateRadialBasis } from "./basis/radial-integrals.js";
export { createLinearAlgebra, type LinearAlgebra } from "./linalg/linear-algebra.js";
export {
  globalReconstructionDistortion, globalReconstructionError, localReconstructionError, subsetReconstructionError, trainTestSplit,
} from "./measures/reconstruction-error.js";
export { earthMoverDistance, sortedDistances } from "./measures/earth-mover.js";
export { takeColumns, type FeatureMatrix } from "./measures/standardization.js";
export { primitiveResidualVariance, residualVariance, residualVarianceCurve } from "./measures/residual-variance.js";
export type { DensityCovariance } from "./basis/covariance.js";
export type {
  AdapterReport, Backend, CovarianceOptions, DensityCoefficients, DeviceLoss, Evaluator, Features, JobOptions, Prediction, Progress,
} from "./backend/backend.js";
export { findAdapter } from "./backend/gpu/find-adapter.js";
export { createBackend, type BackendKind, type BackendOptions, type CallersDevice } from "./backend/create-backend.js";
export { defaultFitConfiguration, type CoreSettings, type FitConfiguration } from "./training/configuration.js";
export { parseFitConfiguration, parseHyperparameters } from "./training/configuration-schema.js";
export { formatBasisConfiguration, formatConfiguration, parseConfigurationText } from "./training/configuration-text.js";
export { describeConfiguration, describeNoise } from "./training/configuration-words.js";
export { withMultispectrum } from "./training/multispectrum.js";
export { createOptimalBasis, withOptimalBasis, type OptimalBasis, type OptimalBasisOptions } from "./training/optimal-basis.js";
export type { BasisTarget } from "./training/basis-target.js";
export { energyTarget, propertyTarget } from "./training/target-values.js";
export { createSupervisedBasis, type SupervisedBasis, type SupervisedBasisOptions } from "./training/supervised-basis.js";
export { createContractedFunctions } from "./basis/contracted-functions.js";
export { densityResiduals, environmentOf, rebuiltDensities, smearedDensity, type DensityGrid, type Environment } from "./basis/density-grid.js";
export { inspectData, inspectErrors, inspectTestData } from "./training/inspect-data.js";
export { checkLabels } from "./training/check-labels.js";
export { fitPotential } from "./training/sparse-gpr.js";
export { tuneFit, type TuningOptions, type TuningResult } from "./training/tuning/tune-fit.js";
export type { Trial as TuningTrial, TuningBudget } from "./training/tuning/search.js";
export type { FitDiagnostics, FitResult } from "./training/fit-result.js";
export { crossValidate, type CrossValidation, type CrossValidationOptions, type FoldResult } from "./training/cross-validation.js";
export { learningCurve, type LearningCurve, type LearningCurveOptions, type LearningPoint } from "./training/learning-curve.js";
export type { ErrorValues } from "./training/error-spread.js";
export { checkErrors, errorNames, errorReport, ErrorTally, measureErrors, type ErrorName, type LabelPrediction, type ErrorReport, type ErrorStatistics } from "./training/measure-errors.js";
export { selectFeatures, type FeatureSelectionOptions } from "./training/select-features.js";
export { selectPoints, type SelectionMethod } from "./training/select-points.js";
export type { Potential, Term } from "./model/potential.js";
export { createScreenedCoulomb, universalScreening, type ScreenedCoulomb, type Screening, type SwitchedPair } from "./pairs/screened-coulomb.js";
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
export { analyticModel, createEnergyModel, type EnergyModel, type ResidentEnergyModel } from "./dynamics/energy-model.js";
export { relax, relaxStructure, type Relaxation, type RelaxationOptions, type RelaxationProgress } from "./dynamics/relax.js";
export type { CellRelaxation } from "./dynamics/relaxation-coordinates.js";
export { nudgedElasticBand, relaxBand, type ElasticBand, type NudgedElasticBandOptions } from "./dynamics/nudged-elastic-band.js";
export { repeatStructure, shakeStructure, strainStructure } from "./structure/supercell.js";
export { diamondCell, diamondPrimitiveCell, diamondSlab, dimerizedSlab, type DiamondFace } from "./properties/diamond.js";
export { birchMurnaghanEnergy, equationOfState, fitBirchMurnaghan, type BirchMurnaghan, type EquationOfState, type EquationOfStateOptions } from "./properties/equation-of-state.js";
export { cubicConstants, elasticConstants, type ElasticConstants, type ElasticConstantsOptions } from "./properties/elastic-constants.js";
export { surfaceEnergy, vacancyFormationEnergy, type DefectEnergy, type SurfaceOptions, type VacancyOptions } from "./properties/defect-energies.js";
export { diamondProperties, type DiamondProperties, type DiamondPropertiesOptions } from "./properties/diamond-properties.js";
export {
  FACE_CENTERED_CUBIC_PATH, forceConstants, phononDensityOfStates, phononDispersion, phononFrequencies,
  type ForceConstants, type ForceConstantsOptions, type PhononDensityOfStates, type PhononDispersion, type WaveVector,
} from "./properties/phonons.js";
export { blockAverage, blockingAnalysis, type BlockAverage, type BlockingLevel } from "./properties/block-averages.js";
export type { CorrelationFunction, CorrelationOptions } from "./properties/trajectory.js";
export { radialDistribution, type RadialDistribution, type RadialDistributionOptions } from "./properties/radial-distribution.js";
export { angularDistribution, type AngularDistribution, type AngularDistributionOptions } from "./properties/angular-distribution.js";
export { diffusionCoefficient, meanSquaredDisplacement } from "./properties/mean-squared-displacement.js";
export { velocityAutocorrelation, velocitySpectrum, type VelocitySpectrum } from "./properties/velocity-autocorrelation.js";
export { staticStructureFactor, type StaticStructureFactor, type StaticStructureFactorOptions } from "./properties/static-structure-factor.js";

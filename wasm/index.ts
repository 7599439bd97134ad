export { heapBase } from "./heap-base";
export { gemm, gemm32, gemmPacked, gemmTriangle, mirrorLower, packB, packedBytes, syrk } from "./gemm";
export { densityCoefficients, densityCoefficientsGradient } from "./density-coefficients";
export { powerSpectrum, powerSpectrumAdjoint, powerSpectrumGradient } from "./power-spectrum";
export { pairForces, pairScratch } from "./pair-forces";
export { addScaled, axpy, dot, kernelEnergies, kernelRow, scaleBy } from "./polynomial-kernel";

export { heapBase } from "./heap-base";
export { gemm, gemm32, gemmPacked, gemmTriangle, mirrorLower, packB, packedBytes, syrk } from "./gemm";

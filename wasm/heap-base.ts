// First byte after the static data of the module. The host's arena begins here, so kernels never allocate managed objects (no `new`, no array
// literals inside functions); their own buffers are static: memory.data(bytes, 64).

export function heapBase(): usize {
  return __heap_base;
}

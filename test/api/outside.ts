/** Public names that are no dense CPU names of PyTorch, with the reason: first rule that fits. */

interface Rule {
  readonly reason: string;
  readonly name?: RegExp;
  /** `type torch.jit`: the object's type and the module that it says it is of. */
  readonly kind?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    reason: "a name of Python's own library that PyTorch's module happens to hold",
    kind: /typing$|^module None$/,
  },
  {
    reason: "a name of Python's own library that PyTorch's module happens to hold",
    name: /\.(TYPE_CHECKING|classproperty|obj|attr|name)$/,
    kind: /^(bool|str|function|type|builtin)/,
  },
  {
    reason: "TorchScript and PyTorch's C++ internals",
    kind: /^pybind11_type|torch\.jit$|torch\._C$|^AggregationType|^MobileOptimizerType|^_Classes|^_Ops|_jit_internal/,
  },
  {
    reason: "TorchScript and PyTorch's C++ internals",
    name: /\.(import_ir_module\w*|parse_(ir|schema|type_comment)|merge_type_from_type_comment|unify_type_list|fork|wait|candidate|FatalError|PRIVATE_OPS|USE_\w+|read_vitals|set_vital|vitals_enabled|get_file_path|prepare_multiprocessing_environment|compiled_with_cxx11_abi|init_num_threads|has_torch_function\w*|handle_torch_function|ops|classes|DType|BroadcastingList\d|assert_int_or_pair|\w+_notes|GRID_SAMPLE_\w+|Profiler\w+|DeviceType|profiler_\w+|kineto_available|SavedTensor)$/,
  },
  {
    reason: "quantized",
    name: /quant|qint|quint|\.q_|qscheme|per_(channel|tensor)_|fbgemm|int_repr|fused_moving_avg/,
  },
  {
    reason: "sparse",
    name: /sparse|coalesce|crow_|ccol_|(col|row)_indices|\.(indices|values|dense_dim|smm|spmm|hspmm|dsmm|hsmm|saddmm|sspaddmm|indices_copy|values_copy|to_dense|lobpcg)$/i,
  },
  {
    reason: "CUDA and other devices",
    name: /cuda|cudnn|miopen|\.(xpu|ipu|is_(xpu|ipu|ort|vulkan|mps|meta)|is_vulkan_available|has_mps|record_stream|pin_memory|is_pinned|Stream|SyncBatchNorm|DataParallel|batch_norm_(stats|elemt|backward_elemt|backward_reduce|gather_stats\w*|update_stats)|get_autocast_gpu_dtype|set_autocast_gpu_dtype)$/,
  },
  { reason: "MKL-DNN", name: /mkldnn|has_mkl/ },
  {
    reason: "distributed, or shared between processes",
    name: /distributed|share_memory_|is_shared|from_file/,
  },
  { reason: "named dimensions", name: /\.(align_\w+|refine_names|rename_?|has_names|names)$/ },
  { reason: "nested tensors", name: /nested|to_padded_tensor/ },
  {
    reason: "raw memory of storages, and other libraries' tensors",
    name: /Storage$|dlpack|\.(storage|storage_type|data_ptr|set_|is_set_to)$/,
  },
  { reason: "a switch of PyTorch's build", name: /\.has_(lapack|openmp|spectral)$/ },
  {
    reason: "removed from PyTorch; it only raises",
    name: /\.(eig|lstsq|matrix_rank|solve|symeig|volatile|reinforce|resize|resize_as|Container|NestedIOFunction|variable)$/,
  },
];

/** Null for a dense CPU name. */
export function outside(name: string, kind: string): string | null {
  const rule = RULES.find(
    (r) => (r.name === undefined || r.name.test(name)) && (r.kind === undefined || r.kind.test(kind)),
  );
  return rule?.reason ?? null;
}

def benchmark(settings, options): return 0

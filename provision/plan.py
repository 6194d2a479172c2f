def plan(settings, options):
    return 0

"""Kustomize, rendered in the process and offline: what overlays yield, every value with its own file's span.

reading      kustomization files, patches              json_patch   JSON 6902
rendering    what is brought together, in which order   merging      strategic merge
resources    objects, changed when looked at            transformers namespace, names, labels, replicas, images
targets      which objects a patch is for               generators   ConfigMaps and Secrets
names        references to what was renamed             replacements values copied between objects
opaque       what nobody knows                          nodes        changes that leave the original alone
"""

"""Kustomize: what overlays yield."""

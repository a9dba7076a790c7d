"""From a Dockerfile to the image it ships."""

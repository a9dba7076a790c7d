"""Does traffic reach only what can serve it?"""

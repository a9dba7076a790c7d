"""Does the app finish its work before it is killed?"""

"""What happens at deploy and start, and can it be inspected after?"""

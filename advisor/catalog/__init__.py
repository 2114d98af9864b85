"""What is known about models without asking them: prices with their dates, licences, sizes."""

"""Which detection becomes an alert, and which one alert speaks. Pure."""

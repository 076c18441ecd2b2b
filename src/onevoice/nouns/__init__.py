"""The few frozen values and Protocols that every room speaks; nothing here touches the world."""

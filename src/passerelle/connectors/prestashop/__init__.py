"""PrestaShop 1.7 to 9, through the webservice that every PrestaShop has; no module to install."""

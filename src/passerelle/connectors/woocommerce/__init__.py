"""WooCommerce 8 and later, through its REST API (wc/v3); no plugin to install."""

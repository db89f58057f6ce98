"""Every resource of the webservice: those simulated, and the names and words of all of them."""

from __future__ import annotations

from passerelle.sandbox.prestashop import catalogue_schema, order_schema, party_schema, settings_schema
from passerelle.sandbox.prestashop.schema import Resource

RESOURCES: dict[str, Resource] = {
    one.name: one
    for one in (
        catalogue_schema.PRODUCTS,
        catalogue_schema.CATEGORIES,
        catalogue_schema.MANUFACTURERS,
        catalogue_schema.STOCK_AVAILABLES,
        order_schema.ORDERS,
        order_schema.ORDER_DETAILS,
        order_schema.ORDER_HISTORIES,
        order_schema.ORDER_STATES,
        order_schema.ORDER_CARRIERS,
        order_schema.ORDER_CART_RULES,
        order_schema.CART_RULES,
        order_schema.MESSAGES,
        party_schema.CUSTOMERS,
        party_schema.ADDRESSES,
        party_schema.STATES,
        party_schema.CARRIERS,
        settings_schema.LANGUAGES,
        settings_schema.CURRENCIES,
        settings_schema.TAXES,
        settings_schema.TAX_RULE_GROUPS,
        settings_schema.TAX_RULES,
        settings_schema.SHOPS,
        settings_schema.CONFIGURATIONS,
        settings_schema.COUNTRIES,
    )
}

VERBS = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")

# Name and description of each resource as GET /api lists them, simulated or not.
DESCRIPTIONS: dict[str, str] = {
    "addresses": "The Customer, Brand and Customer addresses",
    "attachments": "The product Attachments",
    "carriers": "The Carriers",
    "cart_rules": "Cart rules management",
    "carts": "Customer's carts",
    "categories": "The product categories",
    "combinations": "The product combinations",
    "configurations": "Shop configuration",
    "contacts": "Shop contacts",
    "content_management_system": "Content management system",
    "countries": "The countries",
    "currencies": "The currencies",
    "customer_messages": "Customer services messages",
    "customer_threads": "Customer services threads",
    "customers": "The e-shop's customers",
    "customizations": "Customization values",
    "deliveries": "Product delivery",
    "employees": "The Employees",
    "groups": "The customer's groups",
    "guests": "The guests",
    "image_types": "The image types",
    "images": "The images",
    "languages": "Shop languages",
    "manufacturers": "The product brands",
    "messages": "The Messages",
    "order_carriers": "The Order carriers",
    "order_cart_rules": "The Order cart rules",
    "order_details": "Details of an order",
    "order_histories": "The Order histories",
    "order_invoices": "The Order invoices",
    "order_payments": "The Order payments",
    "order_returns": "The Customers orders returns",
    "order_slip": "The Order slips",
    "order_states": "The Order statuses",
    "orders": "The Customers orders",
    "price_ranges": "Price ranges",
    "product_customization_fields": "Customization Field",
    "product_feature_values": "The product feature values",
    "product_features": "The product features",
    "product_option_values": "The product options value",
    "product_options": "The product options",
    "product_suppliers": "Product Suppliers",
    "products": "The products",
    "search": "Search",
    "shop_groups": "Shop groups from multi-shop feature",
    "shop_urls": "Shop URLs from multi-shop feature",
    "shops": "Shops from multi-shop feature",
    "specific_price_rules": "Specific price management",
    "specific_prices": "Specific price management",
    "states": "The available states of countries",
    "stock_availables": "Available quantities",
    "stock_movement_reasons": "Stock movement reason",
    "stock_movements": "Stock movements",
    "stocks": "Stocks",
    "stores": "The stores",
    "suppliers": "The product suppliers",
    "tags": "The Products tags",
    "tax_rule_groups": "Tax rule groups",
    "tax_rules": "Tax rules entity",
    "taxes": "The tax rate",
    "translated_configurations": "Shop configuration",
    "warehouses": "Warehouses",
    "weight_ranges": "Weight ranges",
    "zones": "The Countries zones",
}

# Resources that GET /api lists without a schema.
WITHOUT_SCHEMA = frozenset({"attachments", "images", "search"})

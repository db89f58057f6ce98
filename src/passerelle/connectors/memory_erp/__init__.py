"""An ERP that lives in memory, or in one JSON file: the executable specification of the ErpSource and ErpSink ports."""

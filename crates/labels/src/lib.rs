//! Who somebody says an address is: tags, lists, taxonomy, look-ups.

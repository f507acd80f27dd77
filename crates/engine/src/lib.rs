//! The façade: write stages and read views that cli and report share.

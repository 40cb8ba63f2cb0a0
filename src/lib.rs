//! weshop

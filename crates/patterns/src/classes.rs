//! Sets of label categories, small enough to be compared in one step for millions of parties.

use athar_types::Category;

const _: () = assert!(Category::ALL.len() <= 64, "a set of categories is 64 bits");

/// A set of categories that labels give a party.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Classes(u64);

impl Classes {
    /// No category.
    pub const NONE: Self = Self(0);

    /// The set of some categories.
    pub fn of(categories: impl IntoIterator<Item = Category>) -> Self {
        let mut set = Self::NONE;
        for category in categories {
            set.insert(category);
        }
        set
    }

    /// Every category that pools the money of many customers.
    pub fn services() -> Self {
        Self::of(Category::ALL.iter().copied().filter(|c| c.is_service()))
    }

    /// Adds a category.
    pub fn insert(&mut self, category: Category) {
        self.0 |= 1 << (category as u32);
    }

    /// Whether both have a category in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The categories, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.iter().copied().filter(move |c| self.0 & (1 << (*c as u32)) != 0)
    }
}

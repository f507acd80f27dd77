//! What matched, as sentences for people, in English and Arabic.

use super::{CoinJoin, CoinJoinKind, Facts};
use athar_types::isolated;
use std::fmt::Display;

/// A figure or a name inside an Arabic sentence, which keeps its own direction.
fn set(text: impl Display) -> String {
    isolated(&text.to_string())
}

impl CoinJoin {
    /// What matched, in English.
    pub fn reasons(&self) -> Vec<String> {
        let Facts { inputs, input_addresses, outputs, equal_outputs, equal_value, standard_percent, .. } = self.facts;
        let different = if self.facts.equal_addresses == equal_outputs { ", to different addresses" } else { "" };
        let equal = format!("{equal_outputs} of {outputs} outputs pay {equal_value} BTC each{different}");
        let from = format!("{inputs} inputs come from {input_addresses} addresses");
        match self.kind {
            CoinJoinKind::Given => vec!["named as collaborative from outside".into()],
            CoinJoinKind::Whirlpool => vec![
                equal,
                format!("{equal_value} BTC is the denomination of a Whirlpool pool"),
                format!("{inputs} inputs of that amount, with at most a miner's fee on top"),
            ],
            CoinJoinKind::Wasabi1 => vec![equal, from, "the amount is the base denomination of Wasabi 1".into()],
            CoinJoinKind::Wasabi2 => vec![
                format!("{standard_percent} % of {outputs} outputs are standard denominations of Wasabi 2"),
                from,
                "inputs and outputs are sorted by falling amount".into(),
            ],
            CoinJoinKind::JoinmarketLike => {
                let mut reasons = vec![equal, from, "at most one more output for each equal one".into()];
                if self.facts.marks {
                    reasons
                        .push("inputs of dust value: it may be a trade of tokens that buyer and seller signed".into());
                }
                if self.facts.halves {
                    reasons.push("two sets of inputs bring a half each, as in a Stonewall of one wallet".into());
                }
                reasons
            }
            CoinJoinKind::EqualOutput => vec![equal, from],
            CoinJoinKind::WhirlpoolTx0 => vec![
                "one data output as Whirlpool's first transaction has it".into(),
                format!(
                    "entries of {} BTC: the denomination of a pool and a premium for the mix's fee",
                    self.facts.entry
                ),
                "one owner prepares coins for a mix: inputs are tied, outputs enter the mix".into(),
            ],
            CoinJoinKind::StonewallLike => vec![
                equal,
                "two sets of inputs bring one equal output, one change and half the fee each".into(),
                "an input has the denomination of a Whirlpool pool".into(),
                "one wallet or two people: nobody can tell, so nothing is tied".into(),
            ],
        }
    }

    /// The same in Arabic, sentence by sentence.
    pub fn reasons_ar(&self) -> Vec<String> {
        let Facts { inputs, input_addresses, outputs, equal_outputs, equal_value, standard_percent, .. } = self.facts;
        let different =
            if self.facts.equal_addresses == equal_outputs { "، إلى عناوين مختلفة" } else { "" };
        let amount = set(format_args!("{equal_value} BTC"));
        let equal = format!(
            "عدد المُخرَجات التي يدفع كل منها {amount} هو {} من أصل {}{different}",
            set(equal_outputs),
            set(outputs)
        );
        let from = format!("عدد المُدخَلات {}، ومصدرها عناوين عددها {}", set(inputs), set(input_addresses));
        match self.kind {
            CoinJoinKind::Given => vec!["عُدّت معاملة مشتركة بقولٍ من خارج هذا التحليل".into()],
            CoinJoinKind::Whirlpool => vec![
                equal,
                format!("المبلغ {amount} هو فئة أحد أحواض {}", set("Whirlpool")),
                format!("عدد المُدخَلات بهذا المبلغ {}، ولا يزيد عليه في أيٍّ منها إلا رسم المُعدِّن", set(inputs)),
            ],
            CoinJoinKind::Wasabi1 => vec![equal, from, format!("المبلغ هو الفئة الأساسية في {}", set("Wasabi 1"))],
            CoinJoinKind::Wasabi2 => vec![
                format!(
                    "نسبة {} من المُخرَجات، وعددها {}، من الفئات المعيارية في {}",
                    set(format_args!("{standard_percent} %")),
                    set(outputs),
                    set("Wasabi 2")
                ),
                from,
                "المُدخَلات والمُخرَجات مرتّبة من الأكبر إلى الأصغر".into(),
            ],
            CoinJoinKind::JoinmarketLike => {
                let mut reasons = vec![equal, from, "لا يقابل كل مُخرَج متساوٍ إلا مُخرَج واحد آخر على الأكثر".into()];
                if self.facts.marks {
                    reasons.push("فيها مُدخَلات ضئيلة القيمة: قد تكون مبادلة رموز وقّعها البائع والمشتري".into());
                }
                if self.facts.halves {
                    reasons.push(format!(
                        "مجموعتان من المُدخَلات تأتي كل منهما بنصف، كما في معاملة {} من محفظة واحدة",
                        set("Stonewall")
                    ));
                }
                reasons
            }
            CoinJoinKind::EqualOutput => vec![equal, from],
            CoinJoinKind::WhirlpoolTx0 => vec![
                format!("فيها مُخرَج بيانات واحد كالذي في المعاملة الأولى من {}", set("Whirlpool")),
                format!(
                    "مداخل إلى الخلط مبلغ كل منها {}: فئة الحوض وزيادة لرسم الخلط",
                    set(format_args!("{} BTC", self.facts.entry))
                ),
                "مالك واحد يهيّئ عملاته للخلط: مُدخَلاتها مربوط بعضها ببعض، ومُخرَجاتها تدخل الخلط".into(),
            ],
            CoinJoinKind::StonewallLike => vec![
                equal,
                "مجموعتان من المُدخَلات تأتي كل منهما بمُخرَج متساوٍ وبباقٍ وبنصف الرسم".into(),
                format!("لأحد المُدخَلات فئة أحد أحواض {}", set("Whirlpool")),
                "محفظة واحدة أو شخصان: لا يمكن لأحد أن يقول، فلا يُربط شيء بشيء".into(),
            ],
        }
    }
}

//! Check characters of tracking numbers: the mechanisms that packs name. What a carrier's number looks like stands in its pack.

/// Modulo 11 as the posts use it (UPU S10): 11 less the weighted sum modulo 11, where 10 becomes 0 and 11 becomes 5. `None` when the
/// digits are as many as no weights, or none.
pub fn mod11(digits: &str, weights: &[u32]) -> Option<char> {
    if digits.is_empty() || digits.len() != weights.len() {
        return None;
    }
    let products =
        digits.chars().zip(weights).map(|(digit, weight)| Some(u64::from(digit.to_digit(10)?) * u64::from(*weight)));
    let sum: u64 = products.sum::<Option<u64>>()?;
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        check => check,
    };
    char::from_digit(u32::try_from(check).ok()?, 10)
}

/// The hybrid system of ISO 7064 modulo 37, 36, over digits and capital letters. `None` for any other character.
pub fn mod37_36(characters: &str) -> Option<char> {
    let mut product = 36;
    for character in characters.chars() {
        let value = character.to_digit(36).filter(|_| !character.is_ascii_lowercase())?;
        let sum = match (product + value) % 36 {
            0 => 36,
            sum => sum,
        };
        product = sum * 2 % 37;
    }
    char::from_digit((37 - product) % 36, 36).map(|check| check.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const S10: &[u32] = &[8, 6, 4, 2, 3, 5, 9, 7];
    const DOMESTIC: &[u32] = &[1, 8, 6, 4, 2, 3, 5, 9, 7];

    #[test]
    fn numbers_of_posts() {
        // carriers §1.1: the example of the standard, a parcel from Slovakia, two domestic ones of Czechia.
        assert_eq!(mod11("47312482", S10), Some('9'));
        assert_eq!(mod11("07940015", S10), Some('2'));
        assert_eq!(mod11("608144449", DOMESTIC), Some('1'));
        assert_eq!(mod11("484129896", DOMESTIC), Some('7'));
        // By hand: a sum of 0 gives 11, so 5; 8 × 7 = 56 = 5 × 11 + 1 gives 10, so 0.
        assert_eq!((mod11("00000000", S10), mod11("70000000", S10)), (Some('5'), Some('0')));
        for not_one in ["", "4731248", "473124822", "4731248X"] {
            assert_eq!(mod11(not_one, S10), None, "{not_one}");
        }
    }

    #[test]
    fn a_number_of_a_parcel_service() {
        // carriers §1.1: printed as 01015026003653c.
        assert_eq!(mod37_36("01015026003653"), Some('C'));
        assert_eq!((mod37_36("01015026003653c"), mod37_36("0101-5026")), (None, None));
    }

    /// The standard's own test of a whole string: the check character brings the sum to 1.
    #[test]
    fn every_check_character_passes_the_test_of_the_standard() {
        for seed in 0..3_000_u64 {
            let number = format!("{:014}", seed * 33_333_333_337 % 100_000_000_000_000);
            let check = mod37_36(&number).unwrap();
            let mut product = 36;
            for character in number.chars() {
                let sum = (product + character.to_digit(36).unwrap()) % 36;
                product = (if sum == 0 { 36 } else { sum }) * 2 % 37;
            }
            assert_eq!((product + check.to_digit(36).unwrap()) % 36, 1, "{number}");
        }
    }
}

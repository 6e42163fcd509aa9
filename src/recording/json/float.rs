//! The text of a double, as Python prints it.

/// A double as Python's `json` writes it: `repr` for finite ones, else `NaN`, `Infinity`, `-Infinity`.
pub fn python_float(x: f64) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = shortest(x);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let digits = mantissa.replace('.', "");
    match usize::try_from(exponent) {
        Ok(whole) if digits.len() > whole + 1 => format!("{sign}{}.{}", &digits[..=whole], &digits[whole + 1..]),
        Ok(whole) => format!("{sign}{digits:0<width$}.0", width = whole + 1),
        Err(_) => format!("{sign}0.{:0>width$}", digits, width = digits.len() + exponent.unsigned_abs() as usize - 1),
    }
}

/// The shortest decimal that reads back as the same double, and of those the nearest, in `1.5e-7` form.
///
/// Where two are equally near, Python takes the even one and Rust does not. Rounding the exact value to as many digits
/// settles that; a tie needs nearly all the digits a double has.
fn shortest(x: f64) -> String {
    let shortest = format!("{x:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if digits >= 12 {
        let nearest = format!("{x:.*e}", digits - 1);
        if nearest.parse() == Ok(x) {
            return nearest;
        }
    }
    shortest
}

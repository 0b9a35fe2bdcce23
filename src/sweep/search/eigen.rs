//! Eigenvalues and eigenvectors of a small symmetric matrix.

/// Eigenvalues, and the matrix whose columns are the vectors, by Jacobi's rotations (Golub & Van Loan, Matrix
/// Computations, 8.5): nothing but sums, products and roots in a fixed order, so that the bits are the same on every
/// machine.
pub fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    const SWEEPS: usize = 60;
    let size = matrix.len();
    let mut a = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..size).flat_map(|row| (0..row).map(move |column| (row, column))).map(|(r, c)| a[r][c] * a[r][c]).sum();
        if off == 0.0 {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    ((0..size).map(|index| a[index][index]).collect(), vectors)
}

/// Turns the plane of two axes so that what joins them vanishes.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let root = theta.abs() + libm::sqrt(theta * theta + 1.0);
    let t = if theta < 0.0 { -1.0 / root } else { 1.0 / root };
    let cosine = 1.0 / libm::sqrt(t * t + 1.0);
    let sine = t * cosine;
    for row in a.iter_mut() {
        let (x, y) = (row[p], row[q]);
        (row[p], row[q]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    let (upper, lower) = a.split_at_mut(q);
    for (x, y) in upper[p].iter_mut().zip(lower[0].iter_mut()) {
        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    }
    // What rounding leaves of it would keep the loop going.
    (a[p][q], a[q][p]) = (0.0, 0.0);
    for row in vectors.iter_mut() {
        let (x, y) = (row[p], row[q]);
        (row[p], row[q]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_times_values_give_the_matrix_back() {
        let size = 6;
        let entry = |row: usize, column: usize| 1.0 / (row + column + 1) as f64;
        let hilbert: Vec<Vec<f64>> =
            (0..size).map(|row| (0..size).map(|column| entry(row, column)).collect()).collect();
        let (values, vectors) = eigen(&hilbert);
        for row in 0..size {
            for column in 0..size {
                let back: f64 = (0..size).map(|of| vectors[row][of] * values[of] * vectors[column][of]).sum();
                assert!((back - hilbert[row][column]).abs() < 1e-14);
            }
        }
        // The largest eigenvalue of the 6 x 6 Hilbert matrix, as published.
        let largest = values.iter().copied().fold(0.0, f64::max);
        assert!((largest - 1.618_899_858_924_339).abs() < 1e-12, "{largest}");
    }
}

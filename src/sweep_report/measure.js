// Numbers of trials as people read them; the same as measure.rs.
const measured = (metric, value) => {
  if (metric.fraction) return `${(100 * value).toFixed(2)} %`;
  return metric.whole ? format.count(Math.round(value)) : format.money(value);
};

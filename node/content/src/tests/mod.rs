mod csv;
mod records;
mod store;
mod vectors;
